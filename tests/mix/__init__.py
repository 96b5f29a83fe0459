"""
A server that fails as often as real ones do, over real sockets: how many calls end well.

Half a per cent each of resets, stalls, 5xx and cuts strike at random places of an answer. One number, the seed, says which attempt of
which call is struck, so the client's side knows what the server did.
"""
