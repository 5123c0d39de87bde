"""Which columns of a table become features, and how."""
