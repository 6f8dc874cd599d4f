"""The engine on an Elasticsearch server."""
