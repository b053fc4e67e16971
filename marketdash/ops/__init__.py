"""Starting, stopping and watching over the processes."""
