  /from/b rq,
