"""What exchanges say of accounts themselves: keys to ask them with, orders, and fills on their way into the
ledger."""
