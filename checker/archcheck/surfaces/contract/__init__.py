"""What the surfaces have in common: operations and routes, schemas and tables, a document and its earlier version."""
