-- What is done with the family's changes: read the states, change them, write them all. Nothing is written before all is known, so
-- that a script that fails has done nothing. The first write is one that a full server refuses (HSETNX and HSET are).

local MANY = 1000 -- Lua's stack bounds the words of one command
local FORGET = 16 -- so many states that are out of date go with each operation

local function in_parts(items, act)
  for from = 1, #items, MANY do act(items, from, math.min(from + MANY - 1, #items)) end
end

local is_begun = false -- reading writes nothing, so it does not begin an epoch

local function read_meta(raw)
  is_begun = raw
  if raw then
    meta = cmsgpack.unpack(raw)
  else
    meta = {epoch = header.fresh, count = 0, entries = 0, last = 0, behind = 0}
  end
  if header.epoch == '' or header.accept then return nil end
  if not raw then return 'its data is gone' end
  if meta.epoch ~= header.epoch then return 'its data is gone, and others began anew' end
  if meta.count < header.count then return string.format('%.0f operations that it had confirmed are gone', header.count - meta.count) end
  if meta.entries > 0 and redis.call('EXISTS', ENTRIES) == 0 then return 'the entries of its ledger are gone' end
  return nil
end

local function answered(...)
  return {'done', is_begun and meta.epoch or '', string.format('%.0f', meta.count), ...}
end

local function raw_states(names)
  local raw = {}
  in_parts(names, function(_, from, to)
    local fields = {}
    for index = from, to do fields[#fields + 1] = ':' .. names[index] end
    for index, found in ipairs(redis.call('HMGET', STATES, unpack(fields))) do raw[names[from + index - 1]] = found end
  end)
  return raw
end

-- In the sorted set, an entry's id follows the number of those before it, so that entries of one moment keep their order.
local NUMBER = '%015.0f'
local AFTER_NUMBER = 16

local function append_entries(first)
  for index = first, #ARGV, 3 do
    local id, at, text = ARGV[index], ARGV[index + 1], ARGV[index + 2]
    if redis.call('HSETNX', ENTRIES, id, text) == 1 then
      redis.call('ZADD', ORDER, at, string.format(NUMBER, meta.entries) .. id)
      meta.entries = meta.entries + 1
    end
  end
  local surplus = header.max_entries and redis.call('ZCARD', ORDER) - header.max_entries or 0
  if surplus > 0 then
    in_parts(redis.call('ZRANGE', ORDER, 0, surplus - 1), function(members, from, to)
      local ids = {}
      for index = from, to do ids[#ids + 1] = string.sub(members[index], AFTER_NUMBER) end
      redis.call('HDEL', ENTRIES, unpack(ids))
      redis.call('ZREM', ORDER, unpack(members, from, to))
    end)
  end
end

local function remove(names)
  in_parts(names, function(_, from, to)
    local fields = {}
    for index = from, to do fields[#fields + 1] = ':' .. names[index] end
    redis.call('HDEL', STATES, unpack(fields))
    redis.call('ZREM', NAMES, unpack(names, from, to))
    redis.call('ZREM', EXPIRY, unpack(names, from, to))
  end)
end

-- `written` has the texts of states that changed, `raw` those that were there.
local function write_all(raw, written, removed, first_entry)
  is_begun = true
  meta.count = meta.count + 1
  local fields, made = {'#', ''}, {}
  for name, text in pairs(written) do
    fields[#fields + 1] = ':' .. name
    fields[#fields + 1] = text
    if not raw[name] then
      made[#made + 1] = 0
      made[#made + 1] = name
    end
  end
  if first_entry <= #ARGV then append_entries(first_entry) end
  fields[2] = cmsgpack.pack(meta)
  in_parts(fields, function(_, from, to) redis.call('HSET', STATES, unpack(fields, from, to)) end)
  in_parts(made, function(_, from, to) redis.call('ZADD', NAMES, unpack(made, from, to)) end)
  for name, at in pairs(kept) do
    if written[name] or (raw[name] and not removed[name]) then redis.call('ZADD', EXPIRY, at, name) end
  end
  local gone = {}
  for name in pairs(removed) do gone[#gone + 1] = name end
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', EXPIRY, '-inf', now, 'LIMIT', 0, FORGET)) do
    if raw[name] == nil and not written[name] then gone[#gone + 1] = name end
  end
  if #gone > 0 then remove(gone) end
  if header.beat > 0 then redis.call('SET', OWNER, '1', 'PX', header.beat) end
end

local function named(first)
  local names = {}
  for index = first, first + header.names - 1 do names[#names + 1] = ARGV[index] end
  return names
end

local function transact()
  local change = changes[header.action]
  local names = named(3)
  local raw, states = raw_states(names), {}
  for name, text in pairs(raw) do
    if text then states[name] = read_state(text) end
  end
  local answer = change(states, cjson.decode(ARGV[2]), {now = now, is_alive = is_alive})
  local written, removed = {}, {}
  for name, state in pairs(states) do
    local text = write_state(state)
    if text ~= raw[name] then written[name] = text end
  end
  for name, text in pairs(raw) do
    if text and states[name] == nil then removed[name] = true end
  end
  write_all(raw, written, removed, 3 + header.names)
  return answered(write_json(answer))
end

-- The two halves of a change that is made in Python: what is there, and what is to be, unless somebody else was quicker.
local function look()
  local answer = answered(write_number(now))
  local names = named(2)
  local raw = raw_states(names)
  for _, name in ipairs(names) do
    local text = raw[name]
    answer[#answer + 1] = text and redis.sha1hex(text) or ''
    if text and string.byte(text) ~= 106 then text = 'j' .. write_json(read_state(text)) end
    answer[#answer + 1] = text or ''
  end
  return answer
end

local function swap()
  local raw, written, removed = {}, {}, {}
  local names, after = {}, 2 + 3 * header.names
  for index = 2, after - 1, 3 do names[#names + 1] = ARGV[index] end
  raw = raw_states(names)
  for index = 2, after - 1, 3 do
    local name, version, text = ARGV[index], ARGV[index + 1], ARGV[index + 2]
    local found = raw[name]
    if (found and redis.sha1hex(found) or '') ~= version then return answered('0') end
    if text ~= '' then written[name] = text elseif found then removed[name] = true end
  end
  write_all(raw, written, removed, after)
  return answered('1')
end

local function find_keys()
  local prefix = ARGV[2]
  if prefix == '' then return answered(redis.call('ZRANGE', NAMES, 0, -1)) end
  return answered(redis.call('ZRANGEBYLEX', NAMES, '[' .. prefix, '[' .. prefix .. '\255'))
end

local function find_entries()
  local members = redis.call('ZRANGEBYSCORE', ORDER, ARGV[2], ARGV[3], 'LIMIT', 0, tonumber(ARGV[4]))
  local texts = {}
  in_parts(members, function(_, from, to)
    local ids = {}
    for index = from, to do ids[#ids + 1] = string.sub(members[index], AFTER_NUMBER) end
    for _, text in ipairs(redis.call('HMGET', ENTRIES, unpack(ids))) do texts[#texts + 1] = text end
  end)
  return answered(members, texts)
end

local loss = read_meta(redis.call('HGET', STATES, '#'))
if loss then return {'lost', loss} end
now = read_clock()
if header.action == '#look' then return look() end
if header.action == '#swap' then return swap() end
if header.action == '#find_keys' then return find_keys() end
if header.action == '#find_entries' then return find_entries() end
return transact()
