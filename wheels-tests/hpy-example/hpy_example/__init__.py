"""Extension modules in C that use most of HPy: vectors, records, toolbox."""
