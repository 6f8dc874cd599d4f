"""Input that means harm, made from good input: what takes in foreign bytes must answer each with a result or with its own error."""
