"""Rows that another system exported, taken into the tables: read, typed, compared with what is stored, one commit."""
