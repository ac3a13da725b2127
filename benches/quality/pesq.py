#!/usr/bin/env python3
"""Prints the PESQ-WB score (ITU-T P.862.2) of a degraded wav file against its reference, both mono."""

import sys
import wave

# This file has the name of the library that it needs.
sys.path.pop(0)

try:
    import numpy
    from pesq import pesq
    from scipy.signal import resample_poly
except ImportError as missing:
    sys.exit(f"{missing.name} is lacking: pip install pesq scipy")

RATE = 16_000


def read(path):
    with wave.open(path) as file:
        samples = numpy.frombuffer(file.readframes(file.getnframes()), "<i2")
        return resample_poly(samples / 32768.0, RATE, file.getframerate())


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: pesq.py REFERENCE.wav DEGRADED.wav ...")
    reference = read(sys.argv[1])
    for path in sys.argv[2:]:
        print(f"{pesq(RATE, reference, read(path), 'wb'):.3f}")


if __name__ == "__main__":
    main()
