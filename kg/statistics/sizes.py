"""How many people an answer needs: the optimal information size.

GRADE guidelines 6 (J Clin Epidemiol 2011;64(12):1283-1293, https://www.jclinepi.com/article/S0895-4356(11)00206-X/)
sets the people of a body of evidence against those that a single study with enough power would need.
"""

import math
from statistics import NormalDist


def people_for_proportion(share: float, margin: float = 0.1, level: float = 0.95) -> int:
    """Return the fewest people in whom a proportion is estimated more closely than within ``margin`` on either side.

    They are more than z² p (1 - p) / margin². Raises ValueError for a share or a margin that is none.

    >>> people_for_proportion(0.5), people_for_proportion(0.1)
    (97, 35)
    """
    if not (0 <= share <= 1 and 0 < margin < 1):
        raise ValueError(f"{share} is not a share, or {margin} not a margin")
    z = NormalDist().inv_cdf((1 + level) / 2)
    return math.floor(z**2 * share * (1 - share) / margin**2) + 1


def people_for_ratio(risk: float, change: float = 0.25, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return the people, of two equal groups together, in whom one trial finds the risk of the other group changed.

    ``risk`` is that of the comparator, ``change`` the part of it by which the risk is higher or lower: the larger of
    the two numbers, unless the higher risk would be more than 1. A normal approximation with the common variance under
    no effect (as power.prop.test of R). Raises ValueError for a risk that is not between 0 and 1.

    >>> people_for_ratio(0.2), people_for_ratio(0.9)
    (2188, 102)
    """
    if not 0 < risk < 1:
        raise ValueError(f"a risk of {risk} cannot be higher and lower by a part of itself")
    z, z_power = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)

    def group(other: float) -> int:
        mean = (risk + other) / 2
        apart = z_power * math.sqrt(risk * (1 - risk) + other * (1 - other))
        return math.ceil(((z * math.sqrt(2 * mean * (1 - mean)) + apart) / (risk - other)) ** 2)

    higher = risk * (1 + change)
    return 2 * max(group(risk * (1 - change)), group(higher) if higher < 1 else 0)
