// Pictures that a device keeps, into textures without a way over the host. One for a window; lives
// on the thread that owns the GL context.
#pragma once

#include <cstdint>

#include "app/gl/texture.h"
#include "engine/backend/device_picture.h"

namespace fieldscope::gl {

class PictureUpload {
 public:
  PictureUpload() = default;
  ~PictureUpload();
  PictureUpload(const PictureUpload&) = delete;
  PictureUpload& operator=(const PictureUpload&) = delete;

  // `picture` of the size and channels given into the texture, as Texture::upload() or
  // upload_display() would. False where the device does not draw: nothing has changed then.
  bool to_texture(const DevicePicture* picture, DevicePicture::Form form, int width, int height,
                  int channels, Texture& texture);

  // Uploads so far.
  std::uint64_t uploads() const { return uploads_; }

 private:
  GLuint buffer_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t uploads_ = 0;
};

}  // namespace fieldscope::gl
