"""HTTP: the API's table of routes, who may use which, and the pages."""
