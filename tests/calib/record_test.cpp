#include "calib/record.hpp"

#include <string>

#include <gtest/gtest.h>

#include "topology/error.hpp"

namespace calib {
namespace {

using topology::InputError;
using topology::Precision;

TEST(Records, ReadsGemm) {
  const auto r = gemm_records(parse_csv(
      "accelerator,dtype,m,n,k,latency_us\nH100-SXM5-80GB,fp8,1,2,3,4.5\nGB200,nvfp4,8,8,8,1\n",
      "t.csv"));
  ASSERT_EQ(r.size(), 2u);
  EXPECT_EQ(r[0].accelerator, "h100-sxm");
  EXPECT_EQ(r[0].precision, Precision::Fp8);
  EXPECT_EQ(r[0].shape.k, 3);
  EXPECT_DOUBLE_EQ(r[0].time.in(units::microseconds(1)), 4.5);
  EXPECT_EQ(r[1].accelerator, "gb200");
  EXPECT_EQ(r[1].precision, Precision::Fp4);
  EXPECT_EQ(r[1].line, 3);
}

TEST(Records, ReadsAttention) {
  const auto r = attention_records(
      parse_csv("accelerator,dtype,batch,seq_len,heads,kv_heads,head_dim,window,latency_us\n"
                "L40S-PCIe,bfloat16,2,128,8,4,64,0,20\n",
                "t.csv"));
  ASSERT_EQ(r.size(), 1u);
  EXPECT_EQ(r[0].accelerator, "l40s");
  EXPECT_EQ(r[0].shape.key_length, 128);
  EXPECT_EQ(r[0].shape.kv_heads, 4);
  EXPECT_EQ(r[0].shape.mask, Mask::Causal);
}

TEST(Records, NamesTheLineAndColumnOfABadValue) {
  const std::string head = "accelerator,dtype,m,n,k,latency_us\n";
  for (const std::string row :
       {"x,bfloat16,0,2,3,4", "x,bfloat16,1.5,2,3,4", "x,quad,1,2,3,4", "x,bfloat16,1,2,3,0",
        "x,bfloat16,1,2,3,", "x,bfloat16,1e30,2,3,4"}) {
    try {
      gemm_records(parse_csv(head + row + "\n", "t.csv"));
      ADD_FAILURE() << row;
    } catch (const InputError& e) {
      EXPECT_EQ(std::string(e.what()).substr(0, 7), "t.csv:2") << e.what();
    }
  }
  EXPECT_THROW(gemm_records(parse_csv("m,n\n1,2\n", "t.csv")), InputError);
}

}  // namespace
}  // namespace calib
