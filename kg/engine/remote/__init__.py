"""An engine on another machine, asked by the SPARQL protocol; it holds releases that `kg publish` has put there."""
