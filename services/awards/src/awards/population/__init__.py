"""The whole city in memory, for questions that concern everybody: what if, and who lacks little."""
