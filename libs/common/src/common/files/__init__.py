"""Files that bureaus drop: reading sheets, saying what is wrong with which row, and importing them in resumable chunks."""
