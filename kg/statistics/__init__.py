"""Statistics of the synthesis.

intervals   intervals of one proportion
binomial    proportions of several studies, pooled by their exact likelihood
normal      effects of several studies with their variances, pooled on a scale on which they are nearly normal
bias        whether small studies find something else than large ones
sizes       how many people an answer needs
prediction  where a further study is expected

Every proportion is a share between 0 and 1, never a percentage. Levels of confidence are shares too: 0.95.
Special functions come from scipy, which is imported with the first one: it takes longer to import than all else.
"""
