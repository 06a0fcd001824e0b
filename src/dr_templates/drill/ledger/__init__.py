"""The ledger: clients that write through a name, a book of what they were told, and the count of what is missing."""
