"""Drills: a pair in the lab is broken while clients write to it, moved, and what was lost is counted."""
