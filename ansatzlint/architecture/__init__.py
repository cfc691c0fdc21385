"""What an architecture search is made of, whoever proposes the circuits.

`space` says which circuits there are and builds them, `variations` changes them gate by gate, `limits` and `stages`
judge them, cheap first, `front` keeps the best trade-offs. Nothing here knows of a sampler or a storage.
"""
