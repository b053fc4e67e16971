"""Rates of the past: which ones an entry lacks, and what stored closes say of them."""
