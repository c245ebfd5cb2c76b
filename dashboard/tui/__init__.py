"""The front end for people: everything that imports Textual, Rich or plotext."""
