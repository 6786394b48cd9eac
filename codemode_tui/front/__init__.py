"""What every front end shares: words, tables, small files. It knows no screen."""
