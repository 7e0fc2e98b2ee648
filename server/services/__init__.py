"""One module per capability. A command takes (tx, actor, body, path words…) and returns a contract value.

Commands run inside `Store.write`: whatever they raise undoes all that they did. Queries take a connection.
"""
