"""What a drill tells: entries chained by their hashes, a summary made of them, and one page to read."""
