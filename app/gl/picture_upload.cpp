#include "app/gl/picture_upload.h"

namespace fieldscope::gl {

PictureUpload::~PictureUpload() {
  if (buffer_) glDeleteBuffers(1, &buffer_);
}

bool PictureUpload::to_texture(const DevicePicture* picture, DevicePicture::Form form, int width,
                               int height, int channels, Texture& texture) {
  if (picture == nullptr) return false;
  const bool display = form == DevicePicture::Form::display;
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const std::size_t bytes =
      pixels * (display ? 4 : static_cast<std::size_t>(channels) * sizeof(float));
  if (!buffer_) glGenBuffers(1, &buffer_);
  if (bytes_ < bytes) {
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, buffer_);
    glBufferData(GL_PIXEL_UNPACK_BUFFER, static_cast<GLsizeiptr>(bytes), nullptr, GL_STREAM_DRAW);
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
    bytes_ = bytes;
  }
  if (!picture->write(form, buffer_)) return false;
  texture.upload_buffer(buffer_, display ? GL_UNSIGNED_BYTE : GL_FLOAT, width, height,
                        display ? 4 : channels);
  ++uploads_;
  return true;
}

}  // namespace fieldscope::gl
