"""What is asked: the assignment, what it may rest on, and what its end is held against."""
