"""What stands behind ``k6dash NAME``, one module a command; each is loaded when it is asked for.

A module here only turns what was typed into objects and hands them on: what a command does is in the layers below.
"""
