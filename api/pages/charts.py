"""The pictures of the start page, and ``/pictures/NAME.svg``: each as a file that stands alone."""

from collections.abc import Callable, Mapping

from flask import Response, abort, request, url_for
from markupsafe import Markup

from api.http.problems import Pages
from api.http.responses import respond
from api.http.serving import served
from api.pages import check_parameters
from api.pages.chart import Chart
from api.pages.cohort_charts import prevalence, risk_factors
from api.pages.people_charts import treatments
from api.pages.pictures.standalone import stand_alone
from kg.engine import Format

SVG = Format("svg", "image/svg+xml", "svg", "results")
#: The pictures of the start page, in its order.
CHARTS: Mapping[str, Callable[[], Chart | None]] = {
    "prevalence": prevalence,
    "risk-factors": risk_factors,
    "treatments": treatments,
}

blueprint = Pages("pictures", __name__)
blueprint.before_request(check_parameters)


@blueprint.get("/pictures/<name>.svg")
def file(name: str) -> Response:
    """Serve a picture with its styles, its title, what it counts and where it is from."""
    chart = CHARTS[name]() if name in CHARTS and served().snapshot else None
    if chart is None:
        abort(404, f"there is no picture {name!r}, or nothing to draw; the pictures are {', '.join(CHARTS)}")

    def write() -> str:
        picture = chart.wide.replace(Markup(' href="/'), Markup(' href="') + request.host_url)
        source = f"calcikg, snapshot {served().version}, CC BY 4.0, {url_for('pages.start', _external=True)}"
        return stand_alone(picture, chart.title, f"{chart.caption} {source}")

    return respond(SVG, write)
