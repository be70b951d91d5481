-- The wrk script of `serving`: sends prediction requests to /api/predictions; consecutive requests differ.
-- The first argument is the number of inputs in each request; without it, a request is a single input and no array.
local bodies = {}
local next_body = 0

local function input(number)
  local sex = number % 2 == 0 and "male" or "female"
  return string.format('{"pclass":%d,"sex":"%s","age":%d,"fare":%d}', number % 3 + 1, sex, number * 7 % 80, number * 13 % 300)
end

function init(arguments)
  local length = tonumber(arguments[1])
  for i = 1, length and 3 or 600 do
    local body = input(i)
    if length then
      local inputs = {}
      for j = 1, length do inputs[j] = input(i + j) end
      body = "[" .. table.concat(inputs, ",") .. "]"
    end
    bodies[i] = wrk.format("POST", "/api/predictions", { ["Content-Type"] = "application/json" }, body)
  end
end

function request()
  next_body = next_body % #bodies + 1
  return bodies[next_body]
end

function done(summary, latency)
  local errors = summary.errors
  print("requests " .. summary.requests)
  print("seconds " .. summary.duration / 1e6)
  print("errors " .. errors.connect + errors.read + errors.write + errors.status + errors.timeout)
  print("p50 " .. latency:percentile(50) / 1000)
  print("p99 " .. latency:percentile(99) / 1000)
end
