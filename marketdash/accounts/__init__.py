"""Who people are: signing in and out, and closing what they left open."""
