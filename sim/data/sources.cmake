# What a run is trained on: datasets, loading, synthetic text, licences.
target_sources(sim PRIVATE data/dataset.cpp data/loading.cpp data/supply.cpp data/synthesis.cpp)
target_sources(sim PUBLIC FILE_SET HEADERS FILES
  data/dataset.hpp data/loading.hpp data/supply.hpp data/synthesis.hpp)
