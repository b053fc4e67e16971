"""Files of exchanges, trackers and brokers → drafts of entries, and the fate of each of their rows. Pure.

Step by step: :mod:`sheets` bytes to cells, :mod:`recognising` which format a header is, :mod:`lines` a row to
a piece of an entry by what the format declares, :mod:`entries` pieces that belong together to one draft.
"""
