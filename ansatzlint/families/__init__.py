"""Structured ansatz families by name: `families["qcnn"].build(8)`.

The package itself is the registry, a mapping of names to `Family` values.
"""

from __future__ import annotations

import sys
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from difflib import get_close_matches
from types import MappingProxyType, ModuleType

from ansatzlint.errors import UsageError
from ansatzlint.families import (
    brickwork,
    data_reuploading,
    efficient_su2,
    finite_light_cone,
    hamiltonian_variational,
    hardware_efficient,
    identity_block,
    matchgate,
    mera,
    mps_staircase,
    permutation_equivariant,
    qaoa,
    qcnn,
    real_amplitudes,
    simplified_two_design,
    strongly_entangling,
    tree_tensor_network,
    z2_symmetric,
)
from ansatzlint.families.family import Family

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            hardware_efficient.FAMILY,
            real_amplitudes.FAMILY,
            efficient_su2.FAMILY,
            strongly_entangling.FAMILY,
            simplified_two_design.FAMILY,
            brickwork.FAMILY,
            mps_staircase.FAMILY,
            tree_tensor_network.FAMILY,
            mera.FAMILY,
            qcnn.FAMILY,
            matchgate.FAMILY,
            permutation_equivariant.FAMILY,
            hamiltonian_variational.FAMILY,
            qaoa.FAMILY,
            z2_symmetric.FAMILY,
            identity_block.FAMILY,
            finite_light_cone.FAMILY,
            data_reuploading.FAMILY,
        )
    }
)


def family_of(name: str) -> Family:
    """The family of that name; UsageError with the nearest name for an unknown one."""
    if name not in FAMILIES:
        close = get_close_matches(str(name).replace("_", "-"), FAMILIES, 1, 0.4)
        hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(FAMILIES)}"
        raise UsageError(f"unknown family {name!r}; {hint}")
    return FAMILIES[name]


class _Registry(ModuleType):
    """The package as a mapping: Python binds a submodule's name in its parent, so `ansatzlint.families` is this one."""

    def __getitem__(self, name: str) -> Family:
        return family_of(name)

    def __iter__(self) -> Iterator[str]:
        return iter(FAMILIES)

    def __len__(self) -> int:
        return len(FAMILIES)

    def __contains__(self, name: object) -> bool:
        return name in FAMILIES

    def keys(self) -> KeysView[str]:
        return FAMILIES.keys()

    def values(self) -> ValuesView[Family]:
        return FAMILIES.values()

    def items(self) -> ItemsView[str, Family]:
        return FAMILIES.items()


sys.modules[__name__].__class__ = _Registry
