"""What is worth a person's look: titles and days that are in doubt, pages that were nearly kept."""
