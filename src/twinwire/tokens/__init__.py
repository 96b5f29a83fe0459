"""What a prompt is: so many tokens, counted before anything is sent."""
