"""Export: a selection of an archive as a data package that can be cited, checked and read without the program."""
