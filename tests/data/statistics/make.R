# Writes the files beside this script, against which tests/test_statistics.py compares: run `Rscript make.R FOLDER`.
# Needs R with metafor (Debian: r-base-core, r-cran-metafor). Published data sets come from the package metadat, which
# metafor brings with it; the others are made up to meet the edges.
suppressPackageStartupMessages(library(metafor))
folder <- commandArgs(trailingOnly = TRUE)[1]

datasets <- list(
  "two-equal" = data.frame(xi = c(10, 20), ni = c(20, 40)),
  "two-apart" = data.frame(xi = c(3, 25), ni = c(30, 40)),
  "none-and-few" = data.frame(xi = c(0, 2, 1), ni = c(15, 40, 22)),
  "none-at-all" = data.frame(xi = c(0, 0, 0, 0), ni = c(10, 25, 60, 200)),
  "all-and-most" = data.frame(xi = c(15, 38, 21, 9), ni = c(15, 40, 22, 9)),
  "none-and-all" = data.frame(xi = c(0, 12, 5), ni = c(12, 12, 30)),
  "homogeneous" = data.frame(xi = c(9, 21, 30, 12, 61), ni = c(30, 70, 100, 41, 200)),
  "heterogeneous" = data.frame(xi = c(1, 90, 12, 300, 7, 2), ni = c(200, 100, 60, 310, 500, 9)),
  "one-large" = data.frame(xi = c(30210, 4, 11), ni = c(100000, 9, 21)),
  "single-people" = data.frame(xi = c(1, 0, 1, 1, 0), ni = c(1, 1, 1, 2, 3)),
  "pritz1997" = dat.pritz1997[c("xi", "ni")],
  "debruin2009" = dat.debruin2009[c("xi", "ni")]
)

fit <- function(data, method = "PM") {
  rma(measure = "PLO", xi = data$xi, ni = data$ni, add = 1 / 2, to = "only0", method = method, test = "adhoc",
    control = list(tol = 1e-14, maxiter = 10000, tau2.max = 1e4))
}

row <- function(name, level, data) {
  pooled <- fit(data)
  classic <- fit(data, "DL")  # whose I2 and H2 are those of Higgins and Thompson, made from Q
  shown <- predict(pooled, level = level, transf = transf.ilogit, pi.type = "riley")
  predicted <- if (nrow(data) > 2) c(shown$pi.lb, shown$pi.ub) else c(NA, NA)
  numbers <- c(shown$pred, shown$ci.lb, shown$ci.ub, predicted, pooled$tau2, pooled$QE, classic$I2 / 100, sqrt(classic$H2))
  names(numbers) <- c("estimate", "lower", "upper", "prediction_lower", "prediction_upper", "tau_squared", "q", "i_squared", "h")
  data.frame(dataset = name, level = level / 100, t(numbers))
}

save <- function(table, name) {
  numeric <- sapply(table, is.double)
  table[numeric] <- lapply(table[numeric], function(column) ifelse(is.na(column), "", sprintf("%.12g", column)))
  write.csv(table, file.path(folder, name), row.names = FALSE, quote = FALSE, eol = "\n")
}

save(do.call(rbind, lapply(names(datasets), function(name) {
  data.frame(dataset = name, numerator = datasets[[name]]$xi, denominator = datasets[[name]]$ni)
})), "counts.csv")

save(do.call(rbind, lapply(names(datasets), function(name) {
  rbind(row(name, 95, datasets[[name]]), row(name, 80, datasets[[name]]))
})), "pooled.csv")

save(do.call(rbind, lapply(Filter(function(name) nrow(datasets[[name]]) > 2, names(datasets)), function(name) {
  data <- datasets[[name]]
  do.call(rbind, lapply(seq_len(nrow(data)), function(i) cbind(omitted = i - 1L, row(name, 95, data[-i, ]))))
})), "leave-one-out.csv")

cases <- expand.grid(level = c(0.8, 0.95, 0.99), n = c(0, 1, 7, 13, 39, 100, 629, 100000), share = c(0, 0.03, 1 / 3, 0.5, 0.9, 1))
cases <- unique(data.frame(level = cases$level, numerator = round(cases$n * cases$share), denominator = cases$n))
cases <- cases[cases$denominator > 0, ]
save(do.call(rbind, lapply(seq_len(nrow(cases)), function(i) {
  case <- cases[i, ]
  exact <- binom.test(case$numerator, case$denominator, conf.level = case$level)$conf.int
  wilson <- suppressWarnings(prop.test(case$numerator, case$denominator, conf.level = case$level, correct = FALSE))$conf.int
  data.frame(case, exact_lower = exact[1], exact_upper = exact[2], wilson_lower = wilson[1], wilson_upper = wilson[2])
})), "intervals.csv")
