"""What a sample store is made of: a project, its runs over two years, and their files."""
