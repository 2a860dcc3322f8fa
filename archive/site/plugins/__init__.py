"""What the site adds to Datasette, one hook or idea a file; Datasette loads every file of this folder."""
