# Writes the files beside this script, against which tests/test_statistics.py compares: run `Rscript make.R FOLDER`.
# With a number N after the folder, exact.csv has every Nth data set only: its models take most of the time.
# Needs R with metafor and lme4 (Debian: r-base-core, r-cran-metafor, r-cran-lme4). Published data sets come from the
# package metadat, which metafor brings with it; the others are made up to meet the edges.
suppressPackageStartupMessages({library(metafor); library(lme4)})
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
step <- if (length(arguments) > 1) as.integer(arguments[2]) else 1

save <- function(table, name) {
  numeric <- sapply(table, is.double)
  table[numeric] <- lapply(table[numeric], function(column) ifelse(is.na(column), "", sprintf("%.12g", column)))
  write.csv(table, file.path(folder, name), row.names = FALSE, quote = FALSE, eol = "\n")
}

table_of <- function(sets, rows) do.call(rbind, lapply(names(sets), function(name) rows(name, sets[[name]])))

# Proportions

counts <- function(xi, ni) data.frame(xi = xi, ni = ni)

datasets <- list(
  "two-equal" = counts(c(10, 20), c(20, 40)),
  "two-apart" = counts(c(3, 25), c(30, 40)),
  "two-none" = counts(c(0, 4), c(20, 25)),
  "two-small" = counts(c(1, 3), c(5, 6)),
  "two-large" = counts(c(410, 530), c(2000, 1900)),
  "none-and-few" = counts(c(0, 2, 1), c(15, 40, 22)),
  "none-at-all" = counts(c(0, 0, 0, 0), c(10, 25, 60, 200)),
  "all-and-most" = counts(c(15, 38, 21, 9), c(15, 40, 22, 9)),
  "none-and-all" = counts(c(0, 12, 5), c(12, 12, 30)),
  "mostly-none" = counts(c(0, 0, 0, 1, 0, 3), c(11, 24, 9, 30, 16, 28)),
  "small-studies" = counts(c(0, 1, 2, 5), c(6, 8, 12, 9)),
  "three-series" = counts(c(3, 8, 10), c(30, 40, 25)),
  "homogeneous" = counts(c(9, 21, 30, 12, 61), c(30, 70, 100, 41, 200)),
  "heterogeneous" = counts(c(1, 90, 12, 300, 7, 2), c(200, 100, 60, 310, 500, 9)),
  "very-heterogeneous" = counts(c(1, 199, 3, 380, 50, 5, 290), c(200, 200, 350, 400, 100, 500, 300)),
  "one-apart" = counts(c(4, 5, 6, 38), c(40, 50, 60, 40)),
  "one-large" = counts(c(30210, 4, 11), c(100000, 9, 21)),
  "large" = counts(c(812, 1034, 655, 2210), c(4000, 5200, 2900, 9800)),
  "rare" = counts(c(1, 0, 2, 4, 1, 0, 3), c(410, 250, 900, 1200, 380, 150, 700)),
  "common" = counts(c(28, 39, 17, 55, 8), c(30, 40, 20, 60, 8)),
  "tiny" = counts(c(1, 0, 2, 1, 3, 0, 1, 2), c(2, 3, 4, 2, 5, 2, 4, 3)),
  "single-people" = counts(c(1, 0, 1, 1, 0), c(1, 1, 1, 2, 3)),
  "pritz1997" = with(dat.pritz1997, counts(xi, ni)),
  "debruin2009" = with(dat.debruin2009, counts(xi, ni)),
  "hannum2020" = with(dat.hannum2020, counts(xi, ni)),
  "hasselblad1998" = with(subset(dat.hasselblad1998, trt == "no_contact"), counts(xi, ni)),
  "pagliaro1992" = with(subset(dat.pagliaro1992, trt == "sclerotherapy"), counts(xi, ni)),
  "anand1999" = with(dat.anand1999, counts(ai, n1i)),
  "egger2001" = with(dat.egger2001, counts(ai, n1i)),
  "graves2010" = with(dat.graves2010, counts(ai, n1i)),
  "hahn2001" = with(dat.hahn2001, counts(ai, n1i)),
  "hine1989" = with(dat.hine1989, counts(ai, n1i)),
  "laopaiboon2015" = with(dat.laopaiboon2015, counts(ai, n1i)),
  "lau1992" = with(dat.lau1992, counts(ai, n1i)),
  "lee2004" = with(dat.lee2004, counts(ai, n1i)),
  "li2007" = with(dat.li2007, counts(ai, n1i)),
  "nielweise2007" = with(dat.nielweise2007, counts(ai, n1i))
)

save(table_of(datasets, function(name, data) {
  data.frame(dataset = name, numerator = data$xi, denominator = data$ni)
}), "counts.csv")

# Normal-normal models: of the logits of proportions, and of the effects further down

fit <- function(effects, method) {
  rma(yi, vi, data = effects, method = method, test = "adhoc", control = list(tol = 1e-14, maxiter = 10000, tau2.max = 1e4))
}

pooled <- function(name, level, effects, scale = identity) {
  mean <- fit(effects, "PM")
  classic <- fit(effects, "DL")  # whose I2 and H2 are those of Higgins and Thompson, made from Q
  shown <- predict(mean, level = level, transf = scale, pi.type = "riley")
  predicted <- if (mean$k > 2) c(shown$pi.lb, shown$pi.ub) else c(NA, NA)
  numbers <- c(shown$pred, shown$ci.lb, shown$ci.ub, predicted, mean$tau2, mean$QE, classic$I2 / 100, sqrt(classic$H2))
  names(numbers) <- c("estimate", "lower", "upper", "prediction_lower", "prediction_upper", "tau_squared", "q", "i_squared", "h")
  data.frame(dataset = name, level = level / 100, t(numbers))
}

save(table_of(datasets, function(name, data) {
  logits <- escalc(measure = "PLO", xi = xi, ni = ni, data = data, add = 1 / 2, to = "only0")
  rbind(pooled(name, 95, logits, transf.ilogit), pooled(name, 80, logits, transf.ilogit))
}), "pooled.csv")

# Binomial-normal models: lme4 with its best quadrature, and metafor, which calls lme4 for them in a way of its own.
# Without events there is no maximum; lme4 does not converge where all studies say just the same.

warned <- function(work) suppressWarnings(suppressMessages(work))  # of what is constant, or tau at 0

fitted <- datasets[!names(datasets) %in% c("two-equal", "none-at-all")]

save(table_of(fitted[seq(1, length(fitted), step)], function(name, data) {
  data$id <- seq_len(nrow(data))
  control <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.2, rhoend = 1e-9, maxfun = 1e5), tolPwrss = 1e-10)
  best <- warned(glmer(cbind(xi, ni - xi) ~ 1 + (1 | id), data, binomial, control, nAGQ = 100))
  other <- warned(rma.glmm(measure = "PLO", xi = xi, ni = ni, data = data, nAGQ = 25))
  data.frame(
    dataset = name, mu = fixef(best)[[1]], tau = getME(best, "theta")[[1]], se = sqrt(vcov(best)[1, 1]),
    metafor_mu = other$beta[[1]], metafor_tau = sqrt(other$tau2), metafor_se = other$se, metafor_i_squared = other$I2 / 100
  )
}), "exact.csv")

# Effects: odds ratios (events and sizes of two groups), ratios with their intervals, differences of means (mean,
# deviation and size of two groups). Studies without events in both groups say nothing of the odds ratio.

odds <- function(data) {
  data <- subset(data, ai + ci > 0)
  list(kind = "odds", numbers = data[c("ai", "n1i", "ci", "n2i")],
    effects = escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data, add = 1 / 2, to = "only0"))
}

ratios <- function(ratio, lower, upper) {
  list(kind = "ratio", numbers = data.frame(ratio, lower, upper),
    effects = data.frame(yi = log(ratio), vi = (log(upper / lower) / (2 * qnorm(0.975)))^2))
}

differences <- function(data) {
  list(kind = "difference", numbers = data[c("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")],
    effects = escalc(measure = "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = data))
}

effects <- list(
  "hahn2001" = odds(dat.hahn2001),
  "hine1989" = odds(dat.hine1989),
  "lee2004" = odds(dat.lee2004),
  "li2007" = odds(dat.li2007),
  "nielweise2007" = odds(dat.nielweise2007),
  "all-of-one-group" = odds(data.frame(ai = c(12, 7, 0), n1i = c(12, 15, 9), ci = c(3, 2, 4), n2i = c(11, 14, 10))),
  "hackshaw1998" = with(dat.hackshaw1998, ratios(or, or.lb, or.ub)),
  "three-hazards" = ratios(c(2.37, 3.9, 1.2), c(1.66, 2.7, 0.5), c(3.39, 5.5, 2.9)),
  "two-risks" = ratios(c(0.62, 0.71), c(0.44, 0.38), c(0.88, 1.33)),
  "normand1999" = differences(dat.normand1999),
  "gibson2002" = differences(subset(dat.gibson2002, !is.na(m1i))),
  "curtis1998" = differences(subset(dat.curtis1998, xtrt == "NONE")),
  "two-means" = differences(data.frame(m1i = c(4.1, 3.6), sd1i = c(1.2, 2), n1i = c(20, 9), m2i = c(5, 5.5), sd2i = c(1.4, 2.2), n2i = c(18, 11)))
)

save(table_of(effects, function(name, of) {
  data.frame(dataset = name, kind = of$kind, numbers = do.call(paste, lapply(of$numbers, function(one) sprintf("%.12g", one))))
}), "effects.csv")

save(table_of(effects, function(name, of) pooled(name, 95, of$effects)), "pooled-effects.csv")

save(table_of(effects, function(name, of) {
  bounds <- confint(fit(of$effects, "PM"), type = "QP", control = list(tol = 1e-12, maxiter = 10000, tau2.max = 1e8))$random["tau^2", ]
  data.frame(dataset = name, lower = bounds[["ci.lb"]], upper = bounds[["ci.ub"]])
}), "heterogeneity.csv")

# Small-study effects: Egger's test of effects on their standard errors, Peters' of logits on the inverse of the people

asymmetry <- function(name, test, effects, ...) {
  if (nrow(effects) < 10) return(NULL)
  found <- regtest(effects$yi, effects$vi, model = "lm", ...)
  data.frame(dataset = name, test = test, t = found$zval, freedom = as.integer(found$dfs), p = found$pval)
}

save(rbind(
  table_of(effects, function(name, of) asymmetry(name, "egger", of$effects, predictor = "sei")),
  table_of(datasets, function(name, data) {
    logits <- escalc(measure = "PLO", xi = xi, ni = ni, data = data, add = 1 / 2, to = "only0")
    asymmetry(name, "peters", logits, ni = data$ni, predictor = "ninv")
  })
), "asymmetry.csv")

# People that one trial of two equal groups needs to find a risk a quarter higher or lower

people <- function(risk, other) 2 * ceiling(power.prop.test(p1 = risk, p2 = other, power = 0.8, tol = 1e-10)$n)

save(do.call(rbind, lapply(c(0.005, 0.02, 0.1, 0.2, 0.35, 0.5, 0.7, 0.79, 0.81, 0.95), function(risk) {
  higher <- if (1.25 * risk < 1) people(risk, 1.25 * risk) else 0
  data.frame(risk = risk, people = as.integer(max(people(risk, 0.75 * risk), higher)))
})), "sizes.csv")

# Intervals of one proportion

cases <- expand.grid(level = c(0.8, 0.95, 0.99), n = c(0, 1, 7, 13, 39, 100, 629, 100000), share = c(0, 0.03, 1 / 3, 0.5, 0.9, 1))
cases <- unique(data.frame(level = cases$level, numerator = round(cases$n * cases$share), denominator = cases$n))
cases <- cases[cases$denominator > 0, ]
save(do.call(rbind, lapply(seq_len(nrow(cases)), function(i) {
  case <- cases[i, ]
  exact <- binom.test(case$numerator, case$denominator, conf.level = case$level)$conf.int
  wilson <- suppressWarnings(prop.test(case$numerator, case$denominator, conf.level = case$level, correct = FALSE))$conf.int
  data.frame(case, exact_lower = exact[1], exact_upper = exact[2], wilson_lower = wilson[1], wilson_upper = wilson[2])
})), "intervals.csv")
