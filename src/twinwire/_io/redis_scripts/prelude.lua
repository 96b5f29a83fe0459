-- What the changes of a family (limits.lua, budgets.lua) stand on; main.lua follows them. The three are sent as one script.
--
-- A change is a function of `changes`, named as in Python. It is handed a table of states, changes it and returns the answer.
-- In states, nil stands for Python's None and for what is absent. In arguments None is `null`, and in answers, too, where the difference
-- is seen; an empty list in an answer is `list{}`.

local STATES, NAMES, EXPIRY, ENTRIES, ORDER, OWNER = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local header = cjson.decode(ARGV[1])
local null = cjson.null
local changes = {}

local LIST = {}

-- Mark a table as a list: an empty one would be written as {}.
local function list(items)
  return setmetatable(items, LIST)
end

local function without_nulls(value)
  if type(value) == 'table' then
    for name, part in pairs(value) do
      if part == null then value[name] = nil else without_nulls(part) end
    end
  end
  return value
end

local function read_json(text)
  local value = cjson.decode(text)
  if value == null then return nil end
  if string.find(text, 'null', 1, true) then without_nulls(value) end
  return value
end

-- cjson.encode keeps 14 digits of a number, which is not enough for money or time.
local function write_number(value)
  if value == math.huge then return 'Infinity' end
  if value == -math.huge then return '-Infinity' end
  if value == math.floor(value) and value > -1e17 and value < 1e17 then return string.format('%.0f', value) end
  return string.format('%.17g', value)
end

local function write_into(out, value)
  local kind = type(value)
  if kind == 'number' then
    out[#out + 1] = write_number(value)
  elseif kind == 'string' then
    out[#out + 1] = cjson.encode(value)
  elseif kind ~= 'table' then
    out[#out + 1] = (value == nil or value == null) and 'null' or tostring(value)
  elseif #value > 0 or getmetatable(value) == LIST then
    out[#out + 1] = '['
    for index = 1, #value do
      if index > 1 then out[#out + 1] = ',' end
      write_into(out, value[index])
    end
    out[#out + 1] = ']'
  else
    local mark = '{'
    for name, part in pairs(value) do
      out[#out + 1] = mark .. cjson.encode(tostring(name)) .. ':'
      write_into(out, part)
      mark = ','
    end
    out[#out + 1] = mark == '{' and '{}' or '}'
  end
end

local function write_json(value)
  local out = {}
  write_into(out, value)
  return table.concat(out)
end

-- States that were changed here are packed, which is eight times as fast as JSON; those that Python changed are JSON.
local function read_state(raw)
  if string.byte(raw) == 106 then return read_json(string.sub(raw, 2)) end
  return cmsgpack.unpack(string.sub(raw, 2))
end

local function write_state(state)
  return 'm' .. cmsgpack.pack(state)
end

-- In the hash of states, a field with the mark # is the store's own; each state has its name after a colon.
local meta = {}
local now = 0

local function read_clock()
  if header.clock then return header.clock end -- tests bring their own
  local time = redis.call('TIME')
  local here = time[1] * 1000000 + time[2]
  -- The server's clock may be set back, or another server may have taken over: then ours goes on from where it was.
  if here < meta.last then meta.behind = meta.behind + meta.last - here end
  meta.last = here
  return (here + meta.behind) / 1000000
end

local function is_alive(owner)
  return owner == header.owner or redis.call('EXISTS', header.owners .. owner) == 1
end

-- The state may be forgotten when it was not changed for so many seconds: it says nothing any more then.
local kept = {}
local function keep(name, seconds)
  kept[name] = now + seconds
end
