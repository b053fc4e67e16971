"""What runs in processes of its own; the modules that a peer runs import nothing of this project."""
