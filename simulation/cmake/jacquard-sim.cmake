# What jacquard::sim needs besides the runtime. The static library carries its own dependencies.
find_dependency(fmt)
find_dependency(tl-expected)
find_dependency(Boost COMPONENTS context)
find_dependency(tomlplusplus)
