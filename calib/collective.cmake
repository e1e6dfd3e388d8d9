# Collectives: formulas inside a domain, names, tables, network defaults, fits.
target_sources(calib PRIVATE
  collective_catalog.cpp collective_names.cpp collective_profile.cpp collective_tables.cpp
  collective_time.cpp network_cost.cpp textbook.cpp fit/collective.cpp fit/network.cpp)
target_sources(calib PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES
  collective_catalog.hpp collective_profile.hpp collective_tables.hpp collective_time.hpp textbook.hpp
  fit/collective.hpp)
