using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Mvc.TagHelpers;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>
/// The container of a wide table. It scrolls horizontally on narrow screens and is focusable with the keyboard. Its accessible name is
/// <see cref="Label"/> or the heading with the id <see cref="Heading"/>.
/// </summary>
[HtmlTargetElement("scroll-table")]
public sealed class ScrollTableTagHelper : TagHelper
{
    public string? Label { get; set; }

    public string? Heading { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "div";
        output.AddClass("table-scroll", HtmlEncoder.Default);
        output.Attributes.Add("role", "group");
        output.Attributes.Add(Heading is null ? "aria-label" : "aria-labelledby", Heading ?? Label);
        output.Attributes.Add("tabindex", "0");
    }
}
