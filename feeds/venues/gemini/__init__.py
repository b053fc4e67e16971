"""Gemini: spot and perpetuals on one wire."""
