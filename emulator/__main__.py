"""`python -m greenroom.emulator` is the command line."""

from greenroom.emulator.cli import main

main(prog_name="greenroom")
