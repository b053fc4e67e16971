"""The pages of portfolios, and what they ask and propose."""
