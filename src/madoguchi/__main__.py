"""`python -m madoguchi`."""

from madoguchi.program.main import main

if __name__ == "__main__":
    main()
