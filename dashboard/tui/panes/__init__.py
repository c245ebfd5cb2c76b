"""The screens, as panes of one switcher: each is fed a frame while it is the one that is seen."""
