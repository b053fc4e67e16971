"""The exchanges' client libraries, in an environment of their own, against the simulator.

``environment`` installs them, ``tls`` is the door that they insist on, ``use_*`` are the programs they run.
"""
