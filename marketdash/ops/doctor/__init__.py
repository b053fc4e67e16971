"""What is usually wrong with an installation, each thing found by a check that says what to do."""
